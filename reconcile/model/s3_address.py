"""Takes the address of something in S3, s3://bucket/key, apart."""

SCHEME = "s3://"


def bucket_and_key(address: str) -> tuple[str, str]:
    """Return the bucket of an address, with or without s3:// before it, and the key or prefix behind it."""
    bucket, _, key = address.removeprefix(SCHEME).partition("/")
    return bucket, key

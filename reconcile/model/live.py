"""The live distribution as it was found: what the settings assume where nobody sets anything else.

The one place that names the original account. Whoever runs the job for another platform sets the domain, the
old domains (an empty list is none), the media routes and the roots; nothing else here is used then.
Source: the platform's public repository, github.com/hammondwb/shelcaster-functions (cf-current.json, and the
functions that write `program_url`).
"""

RECORDINGS_BUCKET = "shelcaster-media-manager"
UPLOADS_BUCKET = "shelcaster-v2"

OLD_DOMAINS = ("d2jyqxlv5zply3.cloudfront.net",)
"""Domains that played its recordings before."""

SKIP_ROOTS = ("sessions", "recordings", "shows", "tracklists", "users", "public", "test-recordings")
"""Roots of its buckets that hold no IVS recordings."""

RECORDING_PATTERNS = ("ivs/*", "recordings/*", "*/composite/*", "shows/*/images/*")
"""Path patterns of the behaviours that lead to the bucket of recordings, in order."""

UPLOAD_PATTERNS = ("AWSLogs/*", "found-music/*", "world-of-acappella/*")
"""Path patterns of those that lead to the bucket of uploads, as they stand."""

UPLOAD_PREFIX = "public/"
"""What the default behaviour, which leads to the bucket of uploads, puts before the path."""

"""Keeps recordings in S3, programs in DynamoDB and search records in Algolia in agreement."""

__version__ = "0.1.0"

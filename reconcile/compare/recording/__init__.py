"""What is known of each recording, and its verdict."""

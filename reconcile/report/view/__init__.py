"""What a report says and in which order, decided once for every rendering."""

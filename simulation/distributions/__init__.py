"""The closed family of distributions."""

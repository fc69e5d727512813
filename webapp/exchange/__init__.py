"""What leaves and comes in: drawings as files, the session capsule."""

"""What browsers and programs ask for, and what they are answered."""

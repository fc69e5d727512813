"""The people in the room and what they draw."""

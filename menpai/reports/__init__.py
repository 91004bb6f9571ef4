"""What SMS cost and whether they arrive, for operators: figures over a time, and the story of one number."""

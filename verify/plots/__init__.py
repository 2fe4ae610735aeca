"""Pictures of vanishing and exploding gradients; every value comes from a derived expression."""

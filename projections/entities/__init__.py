"""Those who pledge: their names through time, searched in every language. Only `questions` is for others."""

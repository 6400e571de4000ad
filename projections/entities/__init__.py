"""Those who pledge: their names through time, searched in every language. Others ask its `questions`."""

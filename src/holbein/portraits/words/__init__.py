"""The sentence, in English and in Chinese."""

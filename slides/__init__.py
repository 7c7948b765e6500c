"""The decks: Markdown in, one HTML page and one PDF for each out; figures and sounds are made on the way."""

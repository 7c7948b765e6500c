"""One static site from what the project already has: executed notebooks, decks, Markdown pages, measured times.

``python -m website`` builds it. Every page works from a folder, a USB stick or below any path of a web server, and
fetches nothing from elsewhere.
"""


class SiteError(Exception):
    """The site cannot be built; the message says what to do."""

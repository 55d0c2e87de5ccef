"""What may go wrong with a server of our own, in sentences for the person at the terminal."""


class EmbeddedError(Exception):
    """A server could not be found, started or locked; the text says what to do."""

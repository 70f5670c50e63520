"""Instructions per endpoint change, counted by callgrind, in a small and in a large cluster."""


def verdicts():
    return []

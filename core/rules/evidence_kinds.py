"""What a piece of evidence shows, as customer care files it (POPS step 4); said by whoever adds it, or not at all."""

from __future__ import annotations

RECORDING = "recording"
"""A recorded call (POPS I.3): a sound file, or the place where a recording lies that is kept elsewhere."""
MAIL = "mail"
KINDS = ("error_picture", "payment_proof", "identity", RECORDING, MAIL, "other")


def guess(media_type: str) -> str | None:
    """The kind that a file is for certain by its media type; None where only a person can say."""
    if media_type.startswith("audio/"):
        return RECORDING
    if media_type in ("message/rfc822", "application/vnd.ms-outlook"):
        return MAIL
    return None

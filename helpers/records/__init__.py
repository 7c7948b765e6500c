"""What a listening device, a recording or a spectrogram was found to be: records that outlive the program.

One line of JSON for each record, at the end of a text file. A line is written
in one piece, so a program that is killed loses the record it was writing and no other.
pandas reads the file, and so does anything else.

>>> found = ClassificationResult(label="dog", score=0.9)
>>> to_line(AudioClassification(audio_clip="yard.wav", onset=2.0, offset=3.0, result=found))
'{"kind": "audio", "audio_clip": "yard.wav", "onset": 2.0, "offset": 3.0, "result": {"label": "dog", "score": 0.9}}'
"""

from helpers.records.kinds import (
    AudioClassification,
    ClassificationResult,
    DeviceClassification,
    Record,
    SpectrogramClassification,
    utc,
)
from helpers.records.lines import append, read, to_line

__all__ = ["AudioClassification", "ClassificationResult", "DeviceClassification", "Record",
           "SpectrogramClassification", "append", "read", "to_line", "utc"]

"""The embedded sounds: everyday sounds computed from a key, so that nothing has to be downloaded.

:mod:`~helpers.synth.voices` is the part that others use. Below it lie the
voices themselves (animals, people, weather, objects, motors), the recording
sessions (:mod:`~helpers.synth.rooms`), and the tools: keyed random draws,
envelopes, filters and sound sources.
"""

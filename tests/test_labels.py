"""What is written is read back, what others write is read as they mean it, what is malformed is told by its line."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from helpers import checks, labels

TIMES = st.one_of(st.floats(0, 5), st.floats(3590, 36_000))
LABELS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n"), max_size=12)
BANDS = st.one_of(st.none(), st.tuples(st.floats(0, 24_000), st.floats(0, 24_000)).map(sorted))
EVENTS = st.lists(st.tuples(TIMES, st.one_of(st.just(0.0), TIMES), LABELS, BANDS), max_size=6)
FROM_AUDACITY = """\
1.000000\t1.000000\tThis point was clicked at 6928.456055 Hz
\\\t6928.456055\t6928.456055
2.000000\t2.500000\tLow frequency undefined
\\\t-1.000000\t6334.588867
0.500000\t0.750000\t
3.000000\t3.500000\tno frequencies at all
"""


def table(*rows: tuple, columns: str = "onset offset label") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("labels")


@pytest.fixture
def written(tmp_path):
    """A function that writes a label file."""
    def write(text: str | bytes, name: str = "street.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


# Out and in again

@given(rows=EVENTS)
def test_what_is_written_is_read_back(folder, rows):
    events = pd.DataFrame({
        "onset": [onset for onset, *_ in rows], "offset": [onset + length for onset, length, *_ in rows],
        "label": [label for _, _, label, _ in rows],
        "low_hz": [band[0] if band else np.nan for *_, band in rows],
        "high_hz": [band[1] if band else np.nan for *_, band in rows],
    }).astype({"onset": float, "offset": float})
    back = labels.read_audacity(labels.write_audacity(events, folder / "street.txt"))
    assert (back["clip_id"] == "street").all()
    expected = events.assign(label=[label.strip() for label in events["label"]],   # nanoseconds decide about ties
                             **{name: [float(f"{time:.9f}") for time in events[name]] for name in ("onset", "offset")})
    expected = expected.sort_values(["onset", "offset"])
    assert back["label"].tolist() == expected["label"].tolist()
    assert_allclose(back["onset"], expected["onset"], rtol=0, atol=1e-6)
    assert_allclose(back["offset"], expected["offset"], rtol=0, atol=1e-6)
    assert ("low_hz" in back) == ("high_hz" in back) == any(band for *_, band in rows)
    if "low_hz" in back:
        assert_allclose(back[["low_hz", "high_hz"]], expected[["low_hz", "high_hz"]], rtol=0, atol=1e-6)


def test_a_second_round_trip_changes_not_one_bit(tmp_path):
    events = table((1 / 3, 86_399.1234567891, "süß und laut"), (3599.9999994, 3599.9999996, "日本 語"))
    first = labels.read_audacity(labels.write_audacity(events, tmp_path / "a.txt"))
    second = labels.read_audacity(labels.write_audacity(first, tmp_path / "b.txt"), clip_id="a")
    assert_frame_equal(second, first, check_exact=True)
    assert (tmp_path / "a.txt").read_bytes() == (tmp_path / "b.txt").read_bytes()


def test_the_file_looks_as_audacity_would_write_it(tmp_path):
    events = table((0.1 + 0.2, 1.0, "dog", np.nan, 500.0), (-0.0, 0, "", np.nan, np.nan),
                   (2.0000625, 3, "x", 0.0, np.nan), columns="onset offset label low_hz high_hz")
    path = labels.write_audacity(events, tmp_path / "new" / "a.txt")
    assert path == tmp_path / "new" / "a.txt"
    assert path.read_bytes().decode() == (
        "0.300000\t1.000000\tdog\n\\\t-1.000000\t500.000000\n"
        "0.000000\t0.000000\t\n"
        "2.0000625\t3.000000\tx\n\\\t0.000000\t-1.000000\n")


def test_the_one_line_of_pandas_reads_what_is_written(tmp_path):
    events = table((0.25, 0.5, "Hund, bellt; laut"), (3600.000001, 3600.5, "日本 語"), (3601, 3601, "knock"))
    path = labels.write_audacity(events, tmp_path / "a.txt")
    back = pd.read_csv(path, sep="\t", header=None, names=["onset", "offset", "label"])
    assert back["label"].tolist() == events["label"].tolist()
    assert_allclose(back[["onset", "offset"]], events[["onset", "offset"]], rtol=0, atol=1e-6)


# Audacity in

def test_a_label_track_with_frequency_rows(written):
    events = labels.read_audacity(written(FROM_AUDACITY))
    assert_frame_equal(events, pd.DataFrame({
        "clip_id": "street", "onset": [0.5, 1.0, 2.0, 3.0], "offset": [0.75, 1.0, 2.5, 3.5],
        "label": ["", "This point was clicked at 6928.456055 Hz", "Low frequency undefined", "no frequencies at all"],
        "low_hz": [np.nan, 6928.456055, np.nan, np.nan], "high_hz": [np.nan, 6928.456055, 6334.588867, np.nan]}))
    assert (labels.read_audacity(written(FROM_AUDACITY), clip_id="b093")["clip_id"] == "b093").all()


@pytest.mark.parametrize("change", [
    lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n", "\r"),
    lambda text: text.replace("\n", "\n\n  \n"), lambda text: text.rstrip("\n"),
    lambda text: text.replace("-1.000000", ""), lambda text: text.replace("\tno ", "\t  no "),
], ids=["byte order mark", "Windows", "old Mac", "blank lines", "no last line end", "no -1", "spaces"])
def test_the_look_of_a_file_does_not_matter(written, change):
    assert_frame_equal(labels.read_audacity(written(change(FROM_AUDACITY))),
                       labels.read_audacity(written(FROM_AUDACITY)))


def test_ties_keep_the_order_of_the_file(written):
    events = labels.read_audacity(written("2\t3\tb\n1\t9\tlong\n2\t3\ta\n1\t4\tshort\n"))
    assert events["label"].tolist() == ["short", "long", "b", "a"]
    assert events.index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_a_file_without_labels_is_a_clip_without_events(written, text):
    events = labels.read_audacity(written(text))
    assert events.columns.tolist() == ["clip_id", "onset", "offset", "label"]
    assert len(events) == 0
    assert events["onset"].dtype == float
    assert labels.write_audacity(events, written("old")).read_bytes() == b""


@pytest.mark.parametrize(("row", "event"), [
    ("0.5\tKD", (0.5, 0.5, "KD")), ("0.010000 \t KD ", (0.01, 0.01, "KD")), ("0.5\t", (0.5, 0.5, "")),
    ("0.5\t1.5\t", (0.5, 1.5, "")), ("0.5\t1.5\t7", (0.5, 1.5, "7")), ("0.5\t2nd bird", (0.5, 0.5, "2nd bird")),
    ("0.5 1.5 dog bark", (0.5, 1.5, "dog bark")), ("  0.5   dog bark", (0.5, 0.5, "dog bark")),
    ("+.5\t15e-1\t\u3042 \\ \"a\"", (0.5, 1.5, "\u3042 \\ \"a\"")), ("0.5\t1.5\ta\u2028b", (0.5, 1.5, "a\u2028b")),
])
def test_rows_that_are_legal(written, row, event):
    events = labels.read_audacity(written(row))
    assert events[["onset", "offset", "label"]].values.tolist() == [list(event)]
    assert_frame_equal(labels.read(written(row)), events)


# What is malformed

@pytest.mark.parametrize(("row", "says"), [
    ("0.5", "2 or 3 columns expected, found 1"),
    ("0.5\t1\tdog\tbark", "2 or 3 columns expected, found 4"),
    ("0.5,1.0,dog", "2 or 3 columns expected, found 1 (if commas part them, a header is needed)"),
    ("dog\t0.5\t1.5", "onset 'dog' is not a finite number"),
    ("0.5\tx\tdog", "offset 'x' is not a finite number"),
    ("1_0\t20\tdog", "onset '1_0' is not"), ("\t1\tdog", "onset '' is not"),
    ("nan\t1\tdog", "onset 'nan' is not a finite number"), ("0\tinf\tdog", "offset 'inf' is not"),
    ("0\t1e999\tdog", "offset '1e999' is not a finite number"),
    ("-0.5\t1\tdog", "onset -0.5 is no finite number from 0 on"),
    ("1.5\t1.25\tdog", "offset 1.25 is smaller than onset 1.5"),
    ("0.5\t1.5", "1.5 may be an offset or a label, so write both"),
    ("0.5\tnan", "nan may be an offset or a label"),
    ("1,5\t2.0\tdog", "onset 1,5 has a decimal comma, write 1.5"),
    ("1.5\t2,25\tdog", "offset 2,25 has a decimal comma, write 2.25"),
    ("1,5\tdog", "onset 1,5 has a decimal comma"),
    ("\\\t200\t100", "high_hz 100.0 is smaller than low_hz 200.0"),
    ("\\\t-2\t100", "low_hz -2.0 is no finite number from 0 on"),
    ("\\\tlow\t100", "low_hz 'low' is not a finite number"),
    ("\\\t100\tinf", "high_hz 'inf' is not a finite number"),
    ("\\\t1,5\t100", "low_hz 1,5 has a decimal comma, write 1.5"),
    ("\\\t1\t2\t3", "2 or 3 columns expected, found 4"), ("\\", "2 or 3 columns expected, found 1"),
])
def test_a_malformed_row_is_told_with_its_file_and_line(written, row, says):
    path = written(f"0.1\t0.2\tgood\n\n{row}\n0.3\t0.4\tgood\n")
    with pytest.raises(checks.InputError) as caught:
        labels.read_audacity(path)
    assert str(path) in str(caught.value)
    assert f"got line 3: {says}" in str(caught.value)
    assert "line 1:" not in str(caught.value)
    assert "line 4:" not in str(caught.value)
    with pytest.raises(checks.InputError, match="got line 3: "):
        labels.read(path)


@pytest.mark.parametrize("text", ["\\\t1\t2\n0.5\t1\tdog\n", "0.5\t1\tdog\n\\\t1\t2\n\\\t1\t2\n"])
def test_a_frequency_row_needs_a_label_of_its_own(written, text):
    line = 1 if text[0] == "\\" else 3
    with pytest.raises(checks.InputError, match=f"got line {line}: a frequency row without a label before it"):
        labels.read_audacity(written(text))


def test_all_malformed_rows_are_told_at_once(written):
    text = "0\t1\tok\n\\\t1\t2\n1\t0\ta\nx\t1\tb\n\\\t1\t2\n5\t6\tok\n\\\t2\t1\n"
    with pytest.raises(checks.InputError) as caught:
        labels.read_audacity(written(text))
    lines = [part.split(":")[0] for part in str(caught.value).split("line ")[1:]]
    assert lines == ["3", "4", "7"], "the frequencies of a malformed label are no fault of their own"


@pytest.mark.parametrize(("n", "more"), [(10, None), (11, "; and 1 more"), (25, "; and 15 more")])
def test_ten_malformed_rows_are_shown(written, n, more):
    with pytest.raises(checks.InputError) as caught:
        labels.read_audacity(written("1\t0\tx\n" * n))
    assert "line 10:" in str(caught.value)
    assert "line 11:" not in str(caught.value)
    assert (more or "1.0. Mend these lines") in str(caught.value)


def test_the_way_out_of_decimal_commas_works(written):
    with pytest.raises(checks.InputError, match=r"write 1\.5; .*write 0\.25"):
        labels.read(written("1,5\t2\tdog, big\n0,25\t1\tcat\n"))
    events = labels.read(written("1.5\t2\tdog, big\n0.25\t1\tcat\n"))
    assert events["label"].tolist() == ["cat", "dog, big"]


@pytest.mark.parametrize("read", [labels.read, labels.read_audacity, labels.read_csv, labels.read_rttm])
def test_a_file_that_cannot_be_read_is_told(tmp_path, written, read):
    name = "a.rttm" if read is labels.read_rttm else "a.txt"
    with pytest.raises(checks.DatasetError, match=rf"{name}; got no file\. Check the name"):
        read(tmp_path / name)
    for content in ("0.5\t1\tcaf\u00e9".encode("latin-1"), "0.5\t1\tdog".encode("utf-16")):
        with pytest.raises(checks.DatasetError, match=r"got another encoding\. .* save it as UTF-8"):
            read(written(content, name))
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    with pytest.raises(checks.DatasetError, match=name):
        read(tmp_path / name)


# What is not written

@pytest.mark.parametrize(("events", "says"), [
    (table((0.5, 1, "a\tb")), r"row 0: label 'a\\tb' is no text in one line without tabs"),
    (table((0.5, 1, "a\nb")), "is no text in one line"), (table((0.5, 1, "a\rb")), "is no text in one line"),
    (table((0.5, 1, 7)), r"label 7 is no text .*events\['label'\]\.astype\(str\)"),
    (table((0.5, 1, None)), "label nan is no text"),
    (table((1, 0.5, "a")), r"row 0: offset 0\.5 is smaller than onset 1"),
    (table((-1, 0.5, "a")), "row 0: onset -1 is no finite number from 0 on"),
    (table((np.nan, 0.5, "a")), "onset nan is no finite number"), (table((0, np.inf, "a")), "offset inf is no"),
    (table(("0.5", 1, "a")), "onset '0.5' is no finite number"),
    (table((pd.Timedelta("1s"), 1, "a")), "onset Timedelta"),
    (table((0, 1, "a", 9, 5), columns="onset offset label low_hz high_hz"), "high_hz 5 is smaller than low_hz 9"),
    (table((0, 1, "a", -1), columns="onset offset label low_hz"), "low_hz -1 is no finite number"),
    (table((0, 1), columns="onset offset"), "got no label"),
    (table((0, "a"), columns="start label"), "got no onset; no offset"),
    (None, "got no onset; no offset; no label"),
    (table((0, 1, "a", "x"), (0, 1, "a", "y"), columns="onset offset label clip_id"),
     r"events of one clip; got 2 clips\. Write a file for each: events\[events\.clip_id == \.\.\.\]"),
])
def test_what_is_refused_leaves_the_folder_as_it_was(written, events, says):
    path = written("old")
    with pytest.raises(checks.InputError, match=says):
        labels.write_audacity(events, path)
    assert [file.read_text() for file in path.parent.iterdir()] == ["old"]


def test_a_full_disk_leaves_the_older_file(written, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    path = written("old")
    monkeypatch.setattr("helpers.files.os.fsync", full)
    with pytest.raises(OSError, match="Free some space"):
        labels.write_audacity(table((0, 1, "a")), path)
    assert [file.read_text() for file in path.parent.iterdir()] == ["old"]


def test_the_way_out_of_several_clips_works(tmp_path):
    events = table((0, 1, "a", "x"), (2, 3, "b", "y"), columns="onset offset label clip_id")
    for clip_id in ("x", "y"):
        labels.write_audacity(events[events.clip_id == clip_id], tmp_path / f"{clip_id}.txt")
    back = pd.concat([labels.read(tmp_path / "x.txt"), labels.read(tmp_path / "y.txt")], ignore_index=True)
    assert_frame_equal(back[events.columns], events, check_dtype=False)


# The event table

def test_a_valid_table_comes_back_clean_and_the_one_given_stays():
    events = pd.DataFrame({"score": [0.5, 0.25], "label": pd.Categorical([" dog", "cat "]), "offset": [1, 2],
                           "onset": np.float32([0.5, 2]), "low_hz": pd.array([None, 5], dtype="Float64")}, index=[7, 7])
    before = events.copy(deep=True)
    valid = labels.validate(events)
    assert_frame_equal(events, before)
    assert valid.columns.tolist() == events.columns.tolist()
    assert valid.index.tolist() == [7, 7]
    assert valid["label"].tolist() == ["dog", "cat"]
    assert valid[["onset", "offset", "low_hz"]].dtypes.map(str).tolist() == ["float64"] * 3
    assert np.isnan(valid["low_hz"].iloc[0])
    assert len(labels.validate(events[:0])) == 0


def test_every_wrong_row_of_a_table_is_named_by_its_index():
    events = table((0, 1, "a"), (2, 1, "a"), (0, 1, "a"), (0, 1, None)).set_index(pd.Index(["p", "q", "r", "s"]))
    with pytest.raises(checks.InputError, match=r"got row q: offset 1 is smaller than onset 2; row s: label nan is"):
        labels.validate(events)


@given(rows=EVENTS)
def test_what_is_read_is_valid(folder, rows):
    path = folder / "any.txt"
    path.write_text("".join(f"{onset!r}\t{onset + length!r}\t{label}\n" for onset, length, label, _ in rows),
                    encoding="utf-8", newline="\n")
    events = labels.read(path)
    assert_frame_equal(labels.validate(events), events)


# RTTM

def test_rttm_holds_clips_in_their_order(written):
    events = labels.read(written(
        ";; a comment\nSPKR-INFO b 1 <NA> <NA> <NA> unknown ann <NA>\nSPEAKER b 1 2.50 1.25 <NA> <NA> ann <NA> <NA>\n"
        "SPEAKER  a  1  0.5  0.0  <NA>  <NA>  bob  0.75\nLEXEME a 1 0.5 0.1 hello lex bob 0.9\n"
        "SPEAKER b 1 0.125 0.5 <NA> <NA> <NA> <NA> <NA>\n", "meeting.rttm"))
    assert_frame_equal(events, pd.DataFrame({
        "clip_id": ["b", "b", "a"], "onset": [0.125, 2.5, 0.5], "offset": [0.625, 3.75, 0.5],
        "label": ["", "ann", "bob"], "score": [np.nan, np.nan, 0.75]}))


@pytest.mark.parametrize(("row", "says"), [
    ("SPEAKER a 1 0.5 1", "9 or 10 columns expected, found 5"),
    ("SPEAKER a 1 0.5 1 <NA> <NA> x <NA> <NA> <NA>", "9 or 10 columns expected, found 11"),
    ("SPEAKER a 1 <NA> 1 <NA> <NA> x <NA> <NA>", "onset '<NA>' is not a finite number"),
    ("SPEAKER a 1 0.5 1,5 <NA> <NA> x <NA> <NA>", "duration 1,5 has a decimal comma, write 1.5"),
    ("SPEAKER a 1 3 -1 <NA> <NA> x <NA> <NA>", "offset 2.0 is smaller than onset 3.0"),
])
def test_malformed_rttm_is_told_with_its_file_and_line(written, row, says):
    path = written(f"SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n{row}\nSPEAKER a 1 2 1 <NA> <NA> x <NA>\n", "a.rttm")
    with pytest.raises(checks.InputError) as caught:
        labels.read_rttm(path)
    assert f"{path}; got line 2: {says}" in str(caught.value)
    assert "line 3:" not in str(caught.value)


# CSV and other text

@pytest.mark.parametrize("text", [
    "filename,onset,offset,event_label\nx/b093.wav,0.5,1.5,\"dog, big\"\nx/b093.wav,0.25,0.75,cat\n",
    "\ufeffLabel;End;Start;File\r\ndog, big;1.5;0.5;b093.flac\r\n\r\ncat;0.75;0.25;b093.flac\r\n",
    "audio_filename\tSTART_TIME\tend_time\tclass\nC:\\b093.mp3\t0.5\t1.5\tdog, big\nC:\\b093.mp3\t.25\t.75\tcat\n",
    "id,begin,duration,annotation,who,clip_id\n1,0.5,1,\"dog, big\",me,b093\n2,0.25,0.5,cat,me,b093\n",
    ",clip_id,filename,onset,offset,event\n0,b093,no.wav,0.5,1.5,\"dog, big\"\n1,b093,no.wav,0.25,0.75,cat\n",
    "onset;offset;label\n 0.5 ; 1.5 ; dog, big \n;;\nonset;offset;label\n0.25;0.75;cat\n",
])
def test_headers_of_all_kinds(written, text):
    expected = pd.DataFrame({"clip_id": "b093", "onset": [0.25, 0.5], "offset": [0.75, 1.5],
                             "label": ["cat", "dog, big"]})
    for ending in (".csv", ".tsv", ".txt", ".ann"):
        assert_frame_equal(labels.read(written(text, f"b093{ending}")), expected)


def test_an_event_table_survives_pandas(tmp_path):
    events = labels.validate(table(
        ("dog/a.wav", 2.5, 3.0, "7", 0.25, 100.0, np.nan), ("dog/a.wav", 4.0, 4.0, "a,\"b\"", 0.5, np.nan, np.nan),
        ("cat/a.wav", 0.1, 3600.123456, "ä", np.nan, 0.0, 50.0),
        columns="clip_id onset offset label score low_hz high_hz"))
    events.to_csv(tmp_path / "events.csv", index=False)
    assert_frame_equal(labels.read(tmp_path / "events.csv"), events)


def test_columns_that_may_be_missing(written):
    events = labels.read_csv(written("Start,Label\n2,knock\n1,7\n", "a.csv"), clip_id="b093")
    assert events.values.tolist() == [["b093", 1.0, 1.0, "7"], ["b093", 2.0, 2.0, "knock"]]


def test_a_row_with_a_clip_alone_is_a_clip_without_events(written):
    text = "filename\tonset\toffset\tevent_label\nb.wav\t\t\t\na.wav\t1\t2\tx\nc.wav\t\t\t"
    events = labels.read(written(text, "a.tsv"))
    assert events.values.tolist() == [["a", 1.0, 2.0, "x"]]


@pytest.mark.parametrize(("name", "stem"), [
    ("a.b.wav", "a.b"), ("x/y/a.flac", "a"), ("x\\a.MP3", "a"), ("2020.05", "2020.05"), ("a", "a"),
    ("1T10:20.wav", "1T10:20"),
])
def test_the_name_of_a_sound_file_becomes_its_stem(written, name, stem):
    assert labels.read(written(f"file,onset,label\n{name},1,x\n", "a.csv"))["clip_id"].tolist() == [stem]
    assert labels.read(written(f"clip_id,onset,label\n{name},1,x\n", "a.csv"))["clip_id"].tolist() == [name]


@pytest.mark.parametrize(("row", "says"), [
    ("a.wav;1;2", "5 columns expected, found 3"), ("a.wav;1;2;dog;;", "5 columns expected, found 6"),
    ("a.wav;1,5;2;dog;", "onset 1,5 has a decimal comma, write 1.5"),
    ("a.wav;x;2;dog;", "onset 'x' is not a finite number"), ("a.wav;1;;dog;", "offset '' is not a finite number"),
    ("a.wav;;2;;", "onset '' is not"), ("a.wav;;;a.wav;", "onset '' is not"),
    ("a.wav;2;1;dog;", "offset 1.0 is smaller than onset 2.0"),
    ("a.wav;-1;1;dog;", "onset -1.0 is no finite number from 0 on"), ("a.wav;1;nan;dog;", "offset 'nan' is not"),
    (";1;2;dog;", "no clip"), ("x/a.wav;1;2;dog;", "x/a.wav and a.wav have one stem, so call their column clip_id"),
    ("a.wav;1;2;dog;high", "score 'high' is not"), ("a.wav;1;2;\"dog;;", "5 columns expected, found 4"),
    ("a.wav;1;2;a\tb;", r"label 'a\tb' is no text in one line"),
])
def test_a_malformed_row_of_a_table_is_told_with_its_file_and_line(written, row, says):
    path = written(f"file;onset;offset;label;score\na.wav;0;1;dog;0.5\n{row}\na.wav;2;3;cat;\n", "a.csv")
    with pytest.raises(checks.InputError) as caught:
        labels.read(path)
    assert f"{path}; got line 3: " in str(caught.value)
    assert says.replace("\t", "\\t") in str(caught.value)
    assert "line 4:" not in str(caught.value)


@pytest.mark.parametrize(("header", "says"), [
    ("time,offset,label", "got no onset or start or start_time or begin"),
    ("onset,offset,name", "got no label or event_label or class or event or annotation"),
    ("filename,x", "got no onset or .*; no label or "),
])
def test_a_header_without_onset_or_label_is_told(written, header, says):
    with pytest.raises(checks.InputError, match=says):
        labels.read(written(f"{header}\n" + "1,2,x"[:len(header.split(",")) * 2 - 1] + "\n", "a.csv"))


def test_a_row_may_hold_the_words_of_a_header(written):
    assert labels.read(written("0.5\t1\tevent\n2\t3\tclass\n"))["label"].tolist() == ["event", "class"]


@pytest.mark.parametrize("ending", [".txt", ".ann", ".csv", ".TSV"])
def test_files_without_a_header_are_read_by_any_ending(written, ending):
    events = labels.read(written("0.50 \t KD \n0.25 0.75 dog bark\n", f"b093{ending}"), clip_id="mine")
    assert events.values.tolist() == [["mine", 0.25, 0.75, "dog bark"], ["mine", 0.5, 0.5, "KD"]]


def test_an_ending_of_another_kind_is_told(written):
    with pytest.raises(checks.InputError, match=r"one of '\.txt', .*'\.rttm'; got '\.wav'"):
        labels.read(written("", "a.wav"))


# Real labels

@pytest.mark.real_data
def test_the_onsets_of_mdb_drums(test_data):
    paths = sorted((test_data / "sed-mdb-drums" / "annotations" / "class").glob("*.txt"))
    events = pd.concat([labels.read_csv(path) for path in paths])
    assert_frame_equal(pd.concat([labels.read(path) for path in paths]), events)
    assert events["label"].value_counts().to_dict() == {"HH": 508, "KD": 425, "SD": 268, "CY": 163, "OT": 38, "TT": 20}
    assert len(events) == 1422
    assert events["clip_id"].nunique() == 10
    assert (events["onset"] == events["offset"]).all()
    assert events["onset"].max() < 42


@pytest.mark.real_data
def test_the_syllables_of_birdsong_recognition(test_data, tmp_path):
    path = test_data / "sed-birdsongrec-bird0" / "events.csv"
    events = labels.read(path)
    assert len(events) == 1379
    assert events["clip_id"].unique().tolist() == [str(number) for number in range(30)]
    assert set(events["label"]) == set("012345678")
    raw = pd.read_csv(path)
    assert_allclose(events["onset"].sum(), raw["onset"].sum(), rtol=1e-12)
    assert (events["offset"] - events["onset"]).between(0.033, 0.140).all()
    first = events[events.clip_id == "0"]
    back = labels.read(labels.write_audacity(first, tmp_path / "0.txt"))
    assert_frame_equal(back, first.reset_index(drop=True))

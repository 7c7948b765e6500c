"""Download data sets: ``python start.py data NAME``, or ``python data/download.py NAME``.

The only place of the workshop that uses the network. A set appears under its
name only when every file in it has been checked; until then it grows in folders
whose names say so.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import shutil
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from helpers import checks, files
from helpers.datasets import archives, fetch, page, registry, serve, verify


def install(
    block: registry.Block, *, data_home: str | os.PathLike | None = None, mirror: str | None = None,
    folder: str | os.PathLike | None = None, keep: bool = False, progress: bool = True,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch, check and unpack one data set, or say that it is here already.

    Safe to call again at any time: what is complete stays, what was cut goes
    on, what is damaged is made anew. Two calls at once share one result.

    Parameters
    ----------
    block : Block
        Which set, from ``registry.published()``.
    data_home : path, optional
        The folder of all sets; default ``MACHINE_HEARING_HOME``, else the user's cache.
    mirror : str, optional
        Address of a copy, as the set's file lies at ``MIRROR/NAME/FILE``. http is
        allowed here, because the checksums are compared all the same.
    folder : path, optional
        A folder such as a USB stick with ``NAME/FILE`` or ``FILE``. With a
        mirror or a folder, the published address is not used.
    keep : bool
        Keep what was downloaded after unpacking, to serve it to others.
    progress : bool
        Whether to show a bar on a terminal.
    sleep : callable
        Waits between tries.

    Returns
    -------
    Path
        The folder of the set.

    Raises
    ------
    DownloadError
        If a file could not be fetched.
    DatasetError
        If an archive is damaged or unsafe, or its content is not what was published.
    OSError
        If the disk is full or the folder is read-only.
    """
    home = Path(data_home).expanduser().resolve() if data_home else files.home()
    target, store = home / block.name, home / "downloads" / block.name
    places = {file.name: _places(block, file, mirror=mirror, folder=folder) for file in block.files}
    with _alone(target):
        if target.is_dir():
            faults = verify.problems(block, target)
            kept = not keep or all((store / file.name).is_file() for file in block.files)
            if not faults and kept:
                print(f"{block.name} is here and whole: {target}")
                return target
            what = verify.summary(faults) if faults else "nothing kept of what was downloaded"
            print(f"{block.name} is here, but with {what}. Making it anew.")
        _check_space(block, home=home, store=store)
        print(f"{block.title}. Licence: {block.licence}. {block.terms}\nCite: {block.citation}")
        here = [fetch.fetch(file, store, fetch.Downloader(file, places[file.name], progress=progress, sleep=sleep))
                for file in block.files]
        _assemble(block, here, target=target)
        if not keep:
            shutil.rmtree(store, ignore_errors=True)
            with contextlib.suppress(OSError):
                store.parent.rmdir()  # only if nothing of another set lies there
    print(f"{block.name} is complete: {target}")
    return target


def _places(block: registry.Block, file: registry.File, *, mirror: str | None, folder: str | os.PathLike | None
            ) -> list[fetch.Place]:
    """Where to look for a file, in this order: the places that the user named, else the published ones."""
    places = []
    if folder is not None:
        folder = Path(folder).expanduser().resolve()
        if not folder.is_dir():
            raise _cannot("a folder after --from", f"{folder}, which is none", "Check that the stick is plugged in")
        candidates = [folder / inside / file.name for inside in (block.name, f"downloads/{block.name}", "")]
        places.append(fetch.Place(next((path for path in candidates if path.is_file()), candidates[0]), named=True))
    if mirror is not None:
        if not mirror.startswith(("http://", "https://")):
            raise _cannot("an address that begins with http:// or https:// after --mirror", repr(mirror),
                          "For a folder or a USB stick use --from FOLDER")
        quoted = urllib.parse.quote(f"{block.name}/{file.name}")
        places.append(fetch.Place(f"{mirror.rstrip('/')}/{quoted}", named=True))
    return places or [fetch.Place(address) for address in file.addresses]


def _cannot(expected: str, got: str, way_out: str) -> checks.DownloadError:
    return checks.DownloadError(checks.explain(expected, got, way_out, section=checks.DOWNLOADS))


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold the lock of a set; say so when another process has it."""
    lock = files.locked(target, timeout=0)
    try:
        lock.__enter__()
    except TimeoutError:
        print(f"Another download of {target.name} is running; waiting for it.", flush=True)
        lock = files.locked(target)
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _check_space(block: registry.Block, *, home: Path, store: Path) -> None:
    """Compare the free space with what is still to come, before anything is fetched."""
    here = {path.name.removesuffix(".part"): path.stat().st_size for path in store.glob("*") if path.is_file()}
    needed = block.unpacked + sum(max(0, file.about - here.get(file.name, 0)) for file in block.files)
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise checks.DownloadError(checks.explain(
            f"{needed / 1e6:.0f} MB of free space for {block.name} in {home}", f"{free / 1e6:.0f} MB",
            "Free some space, or name a folder on another disk with MACHINE_HEARING_HOME or --home",
            section=checks.DISK))


def _assemble(block: registry.Block, here: Sequence[Path], *, target: Path) -> None:
    """Unpack into a folder beside the final one, check every file, and only then give it its name."""
    new, old = (target.with_name(f".{target.name}.{word}") for word in ("unpacking", "replaced"))
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        with files.friendly(new / "file"):
            new.mkdir(parents=True)
        for file, path in zip(block.files, here, strict=True):
            try:
                _unpack(file, path, new, limit=2 * block.unpacked + (1 << 20))
            except checks.DatasetError:
                path.unlink()  # the next try shall not find it here and take it for good
                raise
        _verify(block, new, here)
        if target.exists():
            os.replace(target, old)
        os.replace(new, target)
    finally:
        for leftover in (new, old):
            shutil.rmtree(leftover, ignore_errors=True)


def _unpack(file: registry.File, path: Path, new: Path, *, limit: int) -> None:
    if file.strip is None:
        with files.friendly(new / file.name):
            shutil.copyfile(path, new / file.name)
    else:
        archives.unpack(path, new, strip=file.strip, keep=file.keep, limit=limit)


def _verify(block: registry.Block, new: Path, here: Sequence[Path]) -> None:
    faults = verify.problems(block, new)
    if not faults:
        return
    for file, path in zip(block.files, here, strict=True):
        if file.digest is None:
            path.unlink()
    raise checks.DatasetError(checks.explain(
        f"the files of {block.name} as published", verify.summary(faults),
        "Run the command again; if that does not help, this is not the published set: take another address or mirror",
        section=checks.DOWNLOADS))


def main(
    argv: Sequence[str] | None = None, *, sets: dict[str, registry.Block] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run the command line; ``--help`` lists the options.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; default those of the process. With ``--serve`` it runs until Ctrl-C.
    sets : dict of str -> Block, optional
        The registry; default the workshop's.
    sleep : callable
        Waits between tries.

    Returns
    -------
    int
        0 if every set named is here now, 1 if one is not, 130 if stopped with Ctrl-C.
    """
    sets = registry.published() if sets is None else sets
    options = _options(argv)
    if options.readme:
        files.write_text(options.readme, page.readme(sets))
        return 0
    if options.serve:
        return _serve(options, sets)
    if options.list or not options.names:
        print(page.listing(sets, data_home=options.home))
        return 0
    failed = []
    for name in options.names:
        try:
            if name == "embedded":
                print("embedded needs no download: it is rendered on this computer when it is first used.")
                continue
            install(_block(name, sets), data_home=options.home, mirror=options.mirror, folder=options.folder,
                    keep=options.keep, sleep=sleep)
        except KeyboardInterrupt:
            print(f"\nStopped. What has come of {name} is kept; the same command goes on from there.", file=sys.stderr)
            return 130
        except (OSError, checks.InputError) as error:
            failed.append(name)
            print(f"{name}: {error.strerror or error}" if isinstance(error, OSError) else error, file=sys.stderr)
    if failed:
        print(f"Not complete: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def _serve(options: argparse.Namespace, sets: dict[str, registry.Block]) -> int:
    if not options.names:
        print(checks.explain("the sets to serve", "no name", "Name them, such as: python start.py data esc10 --serve",
                             section=checks.DOWNLOADS), file=sys.stderr)
        return 1
    try:
        return serve.run([_block(name, sets) for name in dict.fromkeys(options.names)], data_home=options.home,
                         host=serve.HOST if options.host is None else options.host,
                         port=serve.PORT if options.port is None else options.port)
    except KeyboardInterrupt:
        print("\nStopped before anything was served.", file=sys.stderr)
        return 130
    except (OSError, checks.InputError) as error:
        print(error.strerror or error if isinstance(error, OSError) else error, file=sys.stderr)
        return 1


def _block(name: str, sets: dict[str, registry.Block]) -> registry.Block:
    if name in sets:
        return sets[name]
    parts = [block for block in sets.values() if name and block.family == name]
    if parts:
        raise checks.InputError(checks.explain(
            f"one machine of {name}, or several ({', '.join(part.name for part in parts)})", repr(name),
            f"Each is an archive of its own; {parts[0].name} is {page.size(parts[0].bytes)}", section=checks.DATA_SETS))
    close = difflib.get_close_matches(name, sets, n=1)
    raise checks.InputError(checks.explain(
        f"one of {', '.join(sets)}", repr(name), f"Perhaps {close[0]} is meant" if close else "Choose one of them",
        section=checks.DATA_SETS))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="download.py", description="Download data sets for the workshop.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which sets; without a name they are listed")
    parser.add_argument("--list", action="store_true", help="list the sets, and which of them are here")
    parser.add_argument("--mirror", metavar="URL", help="fetch URL/NAME/FILE instead, such as an instructor's laptop")
    parser.add_argument("--from", dest="folder", metavar="FOLDER", help="take the files from a folder or a USB stick")
    parser.add_argument("--home", metavar="FOLDER", help="where the sets shall lie (default: MACHINE_HEARING_HOME)")
    parser.add_argument("--keep", action="store_true", help="keep the downloaded archives, to serve them to others")
    parser.add_argument("--serve", action="store_true", help="hand kept archives to others, who use --mirror")
    parser.add_argument("--host", metavar="ADDRESS", help=f"with --serve: an address of this laptop ({serve.HOST})")
    parser.add_argument("--port", type=int, metavar="N", help=f"with --serve: which port ({serve.PORT})")
    parser.add_argument("--readme", metavar="PATH", help="only write data/README.md anew from the registry")
    options = parser.parse_args(argv)
    if not options.serve and (options.host, options.port) != (None, None):
        parser.error("--host and --port belong to --serve")
    if options.serve and (options.mirror or options.folder or options.list):
        parser.error("--serve stands without --mirror, --from and --list: it hands out what is here")
    return options

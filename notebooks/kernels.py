"""Fresh kernels to execute notebooks in."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

if __package__:
    from . import measure
else:  # imported by a script of this folder
    import measure

ROOT = str(Path(__file__).resolve().parent.parent)


class ThisPython(AsyncKernelManager):
    """Start kernels with the interpreter that runs this script, whatever kernels are registered elsewhere."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The one kernel there is."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


@contextmanager
def fresh(client: NotebookClient, *, env: dict[str, str]) -> Iterator[measure.Meter]:
    """Start the kernel of a client, and stop it afterwards.

    One BLAS thread, a quiet TensorFlow, pictures inside the page, the helpers of this repository, and none of the
    user's own IPython settings.

    Parameters
    ----------
    client : NotebookClient
        Made with ``kernel_manager_class=ThisPython``.
    env : dict
        Environment variables to set on top.

    Yields
    ------
    measure.Meter
        Which watches the kernel.
    """
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as scratch:
        settings = {
            "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline", "IPYTHONDIR": scratch,
            "PYTHONPATH": os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")])),
        }
        client.km = client.create_kernel_manager()
        client.km.connection_file = str(Path(scratch) / "kernel.json")
        client.km.transport = "tcp" if os.name == "nt" else "ipc"  # sockets in the scratch folder, no ports
        with client.setup_kernel(env={**os.environ, **settings, **env}), \
                measure.Meter(client.km.provisioner.pid) as meter:
            yield meter

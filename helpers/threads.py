"""One thread for the linear algebra library, whichever of numpy and helpers was imported first.

The matrix products of this workshop are small. On a small machine, or in a
container that may use one core of many (Binder, CI), a second BLAS thread costs
ten times the processor time and returns nothing. TensorFlow keeps a pool of its
own and is not touched.
"""

import os
import sys

VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")


def limit(n: int = 1) -> None:
    """Keep BLAS to ``n`` threads, now and in child processes.

    Where the reader has set one of the variables, nothing is changed: whoever
    has a machine of their own may know better.

    Parameters
    ----------
    n : int
        Number of threads, at least 1.

    Raises
    ------
    ValueError
        If ``n`` is below 1.

    Notes
    -----
    The variables are read when numpy is loaded. Where numpy was loaded before,
    threadpoolctl changes the running library instead.
    """
    if n < 1:
        raise ValueError(f"Expected at least one thread; got {n}.")
    if any(name in os.environ for name in VARIABLES):
        return
    os.environ.update(dict.fromkeys(VARIABLES, str(n)))
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(n, user_api="blas")

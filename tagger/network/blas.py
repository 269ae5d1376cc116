"""One thread for NumPy's matrix library: for products as small as these, more threads cost time.

Two threads take longer than one for the products of a sentence, change the last bits of results, and make a process
that forks afterwards hang at times.
"""

from __future__ import annotations

import threadpoolctl


def limit_blas_threads() -> None:
    """Hold NumPy's matrix library to one thread in this process.

    For the whole process, since the library has one setting for all; called when a model is made ready, never per call.
    """
    threadpoolctl.ThreadpoolController().limit(limits=1, user_api="blas")

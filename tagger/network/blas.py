"""Limiting NumPy's matrix library to one thread: for products as small as these, more threads cost time.

Two threads take longer than one for the products of a sentence, change the last bits of results, and can make a process
hang that forks afterwards.
"""

from __future__ import annotations

import threadpoolctl


def limit_blas_threads() -> None:
    """Limit NumPy's matrix library to one thread in this process.

    The setting applies to the whole process; it is called once when a model is prepared, never per call.
    """
    threadpoolctl.ThreadpoolController().limit(limits=1, user_api="blas")

"""What only an operator can mend: said in one line, without a traceback.

Must not know who shows the line (the command line, `/readyz`, a log).
"""

from __future__ import annotations


class OperatorProblem(Exception):
    """Something in the surroundings of the register is not as it has to be."""

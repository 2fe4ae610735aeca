"""The table of mistakes: one row each, those that mends prefer first."""

from __future__ import annotations

from verify.edits import factors, names, terms, times
from verify.edits.edit import Edit, inner, local, whole

EDITS: tuple[Edit, ...] = (
    local("slope at the wrong place", "take the slope at the argument of the function, at its "
          "own step", names.slope_argument),
    local("index off by one", "shift one time index by one", times.off_by_one),
    local("transpose", "add or remove a transpose", factors.transposed),
    local("range off by one", "start or end the range one step earlier or later",
          times.range_off_by_one),
    local("order of factors", "reorder the factors, for matrices do not commute",
          factors.reordered),
    local("direction of the product", "run the product over time the other way",
          factors.other_direction),
    local("sign", "change the sign of a term", terms.sign),
    whole("sign of all", "change the sign of the whole", terms.sign_of_all),
    whole("local term", "add the term of the loss at this very step", terms.local_term),
    local("total for immediate", "take the immediate partial for the total derivative, or the "
          "other way round",
          names.immediate_for_total),
    local("complement", "take what a gate leaves, 1 - gate, for the gate, or the other way "
          "round", names.complement),
    local("slope from the value", "write the slope as 1 - h² for tanh and as h (1 - h) for the "
          "sigmoid",
          names.slope_of_value),
    local("value for slope", "take the slope of a function for its value, or the other way "
          "round",
          names.value_for_slope),
    local("other function", "take the function that the cell applies there",
          names.other_function),
    local("other variable", "put another gate, state or weight there", names.other_variable),
    local("exponent off by one", "change the exponent by one", times.exponent_off_by_one),
    local("truncated sum", "let the range start or end at another time", times.other_bound),
    whole("sum over time", "sum over all steps", times.sum_for_one_term),
    local("one term of a sum", "take one term for the sum", times.one_term_for_sum),
    local("other time", "take another of the time indices", times.other_letter),
    whole("average", "divide by the number of steps, or multiply by it", times.average),
    local("product kind", "take ⊙ for the matrix product, or the other way round",
          factors.other_product),
    local("extra term", "leave a term out", terms.missing_term),
    local("extra factor", "leave a factor out", factors.missing_factor),
    whole("missing term", "add the path that was left out", terms.added_term),
    whole("factor of two", "put in a factor 2 or 1/2", factors.scaled),
    local("missing factor", "put in a factor", factors.added_factor),
    inner("wrong factor", "replace a factor", factors.replaced_factor),
)  # fmt: skip
"""Every kind of mistake; an edit and what undoes it stand in the same row or in a pair of rows."""

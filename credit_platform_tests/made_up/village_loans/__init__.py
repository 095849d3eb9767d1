"""A lender with 300 loans and six columns."""

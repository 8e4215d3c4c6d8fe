"""What users of an older system know: four addresses that take sales, learn and predict."""

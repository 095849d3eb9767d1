"""Portfolios that no lender has, found by the platform when their folder joins the package's."""

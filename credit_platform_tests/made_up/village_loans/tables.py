"""The one file of the lender."""

from __future__ import annotations

from credit_platform.portfolios.source_table import Column, ColumnType, SourceTable

LOANS = SourceTable(
    name="loans",
    file_name="loans.csv",
    description="One row per loan.",
    primary_key=("loan",),
    columns=(
        Column(name="loan", type=ColumnType.INT32, description="Number of the loan.", minimum=1),
        Column(name="herd", type=ColumnType.INT16, description="Cattle.", unit="head", minimum=0, maximum=500),
        Column(
            name="sum",
            type=ColumnType.FLOAT64,
            description="Amount of the loan.",
            unit="francs",
            minimum=10,
            maximum=10_000,
            influenceable=True,
            advice="lower",
        ),
        Column(name="months", type=ColumnType.INT8, description="Term.", unit="months", minimum=1, maximum=60),
        Column(name="trade", type=ColumnType.STRING, description="Trade.", allowed=("farm", "shop", "smithy")),
        Column(name="clan", type=ColumnType.STRING, description="Clan.", allowed=("a", "b", "c"), protected="clan"),
        Column(name="lost", type=ColumnType.INT8, description="Outcome: 1 when it was not repaid.", allowed=(0, 1)),
    ),
)

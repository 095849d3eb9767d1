"""credit_platform: from raw loan files to decisions a lender can defend.

The rooms, top to bottom; a module imports only from rooms below its own (`make check` enforces it):
`cli | definitions | console` > `benchmarks | local` > `simulation` > `orchestration` > `tables` > `serving` >
`monitoring` > `governance` > `modelling` > `scoring` > `features | quality` > `lakehouse` > `values` > `portfolios` >
`environment | accounts | api_keys | code_versions | http_limits | outside_errors | processes` >
`files | databases | dagster_yaml | source_trees` > `settings | errors | clock | presented` > `run_settings`.
"""

__version__ = "0.2.0"

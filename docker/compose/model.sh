# Puts the promoted Bento of a portfolio where the service starts from it. Where none was ever promoted, the portfolio runs first,
# from the loans that ship with the package; its gate decides. Usage: model.sh PORTFOLIO
set -eu
credit-platform show "$1/serving/bento" > /dev/null 2>&1 || credit-platform run "$1"
exec credit-platform fetch-bento "$1" --to /bento/current --or-promoted

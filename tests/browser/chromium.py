"""Finds a Chromium for the browser tests; as a program, installs one where there is none.

The order: CHROMIUM_PATH, Playwright's own, then what is on the PATH. Debian's
chromium-headless-shell has no window, and opens a page in half the time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ON_THE_PATH = ("chromium-headless-shell", "chromium", "google-chrome")
ARGUMENTS = [
    # Quiet also where there is no internet.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
if hasattr(os, "geteuid") and os.geteuid() == 0:
    ARGUMENTS.append("--no-sandbox")  # Chromium's sandbox refuses to work for root


def find():
    """Path of a Chromium, or None."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    candidates = [
        os.environ.get("CHROMIUM_PATH"),
        own if Path(own).exists() else None,
        *map(shutil.which, ON_THE_PATH),
    ]
    return next((path for path in candidates if path), None)


def main():
    """Install a Chromium if there is none; returns the exit status."""
    if not find():
        print("No Chromium found: trying Playwright's own download.", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not find() and shutil.which("apt-get"):
        print("That failed: trying Debian's package.", flush=True)
        root = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*root, "apt-get", "update", "-qq"], check=False)
        for package in ("chromium-headless-shell", "chromium"):  # the first is rather new
            install = [*root, "apt-get", "install", "-y", "-qq", package]
            if subprocess.run(install, check=False).returncode == 0:
                break
    path = find()
    if not path:
        print("The browser tests need Chromium. Install it, or set CHROMIUM_PATH.")
        return 1
    print(f"Browser tests use {path}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

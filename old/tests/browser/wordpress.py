"""A real WordPress with its database, on this machine, for articles that embed charts."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.tools import cannot, find_program

PACKAGES = ("php-cli", "php-mysql", "php-xml", "mariadb-server")
FETCHED = ("wordpress", "wordpress-theme-twentytwentyone")
"""Unpacked and not installed: they would install a web server, too."""

WHAT_WAITS = "no article of WordPress was tried"
SECONDS = 60

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '%(url)s'); define('WP_SITEURL', '%(url)s');
define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_DEBUG', false); error_reporting(0);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', 'tests'); define($name . '_SALT', 'tests');
}
$table_prefix = 'wp_';
define('ABSPATH', __DIR__ . '/');
require ABSPATH . 'wp-settings.php';
"""

ALLOW = "<?php add_filter('http_allowed_safe_ports', fn($ports) => [...$ports, %d]);"
"""WordPress fetches from no unusual port, and the service under test has one."""

INSTALL = """<?php
mysqli_report(MYSQLI_REPORT_ERROR);
(new mysqli('localhost', 'root', '', '', 0, '%s'))->query('CREATE DATABASE wordpress');
define('WP_INSTALLING', true);
require 'wp-load.php';
require 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('The desk', 'editor', 'editor@example.org', true, '', 'editor');
wp_create_user('author', 'author', 'author@example.org');
(new WP_User('author', 'author'))->set_role('author');
switch_theme('twentytwentyone');
"""

WRITE = """<?php
require 'wp-load.php';
[$who, $text] = json_decode(stream_get_contents(STDIN));
wp_set_current_user(get_user_by('login', $who)->ID);
echo wp_insert_post(['post_title' => 'An article', 'post_content' => wp_slash($text), 'post_status' => 'publish']);
"""


@dataclass
class WordPress:
    """A running WordPress. Its `editor` may write any HTML; its `author` only what the sanitiser leaves."""

    url: str
    folder: Path

    def write(self, who: str, text: str) -> str:
        """Publish an article and return its address."""
        number = _php(self.folder, "write.php", json.dumps([who, text]))
        assert number.isdigit(), number
        return f"{self.url}/?p={number}"


@contextmanager
def start_wordpress(service_port: int) -> Iterator[WordPress]:
    """Run WordPress, which may embed from a service on this port, until the block ends."""
    php = find_program("php", PACKAGES, WHAT_WAITS)
    with tempfile.TemporaryDirectory(prefix="wordpress-") as name:
        folder = Path(name)
        site, data, database = _unpack(folder), folder / "data", folder / "sql"
        install = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={data}", "--user=root"]
        _run(folder, "mariadb-install-db", *install)
        server = ["mariadbd", "--no-defaults", "--user=root", f"--datadir={data}", f"--socket={database}"]
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with (
            _running(folder, *server, "--skip-networking", f"--pid-file={folder / 'pid'}"),
            _running(site, php, "-S", f"127.0.0.1:{port}", "-t", str(site), PHP_CLI_SERVER_WORKERS="4"),
        ):
            (site / "wp-config.php").write_text(CONFIG % {"socket": database, "url": url})
            (site / "wp-content/mu-plugins").mkdir(parents=True)
            (site / "wp-content/mu-plugins/ports.php").write_text(ALLOW % service_port)
            (site / "install.php").write_text(INSTALL % database)
            (site / "write.php").write_text(WRITE)
            _wait(database.exists, "MariaDB did not start")
            _php(site, "install.php")
            yield WordPress(url, site)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unpack(folder: Path) -> Path:
    fetched = subprocess.run(["apt-get", "download", *FETCHED], cwd=folder, capture_output=True, text=True, check=False)
    if fetched.returncode:
        cannot(f"apt-get download failed ({' '.join(fetched.stderr.split())[-200:]}): {WHAT_WAITS}")
    for package in folder.glob("*.deb"):
        _run(folder, "dpkg", "-x", str(package), str(folder / "unpacked"))
    site = folder / "site"
    shutil.copytree(folder / "unpacked/usr/share/wordpress", site, symlinks=True)
    return site


def _php(site: Path, script: str, given: str = "") -> str:
    done = subprocess.run(
        ["php", script], cwd=site, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _running(folder: Path, *command: str, **more: str) -> Iterator[None]:
    log = (folder / f"{Path(command[0]).name}.log").open("w")
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **more})
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)
        log.close()


def _wait(is_done: object, otherwise: str) -> None:
    for _ in range(SECONDS * 20):
        if is_done():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise AssertionError(otherwise)

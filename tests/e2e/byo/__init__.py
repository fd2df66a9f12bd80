# SPDX-License-Identifier: BSD-3-Clause
"""The end-to-end harness: a carrier, Kannel, byobox and their peers, driven by tests.

Only Python's standard library; runs with Python 3.9 and newer.
"""

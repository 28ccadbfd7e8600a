"""Roof: the cloud, a server of many issuers and installations that numbers, signs, stores and reports."""

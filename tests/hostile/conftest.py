"""The modules beside the tests are found by their bare names, as everywhere among the tests."""

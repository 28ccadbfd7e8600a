"""The product from outside: a legacy system that drops files, and a judge that knows only the contract and the law."""

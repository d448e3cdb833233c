"""signet-lint: will Argo CD really deploy GPU inference in every environment?"""

__version__ = "0.1.0"

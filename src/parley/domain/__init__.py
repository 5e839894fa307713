"""The rules of the service and the things they speak of, free of XML, SQL and HTTP."""

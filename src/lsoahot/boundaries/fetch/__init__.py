"""Official layers and tables from the services that publish them, by way of a cache."""

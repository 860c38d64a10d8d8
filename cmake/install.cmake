# make install PREFIX=…, then find_package(figment) from anywhere.

#include <iostream>

#include "partition/comm/session.hpp"

int main(int argc, char** argv) {
  gasket::Session session(argc, argv);
  std::cout << "rank " << session.rank() << " of " << session.size() << '\n';
}

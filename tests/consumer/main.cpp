// Katz centrality: every walk that ends at a vertex counts attenuation^length. A program of one's own, outside the
// tree.
#include <cmath>
#include <iostream>

#include "engine/gasket.hpp"

struct Katz {
  using Data = double;   // what a vertex keeps
  using Accum = double;  // what is summed over its in-edges
  double attenuation = 0.005, tolerance = 1e-9;

  Data init(const gasket::Vertex&) const { return 1; }
  Accum gather(const gasket::Edge<double>& e) const { return e.from.ghost; }
  Data apply(const gasket::Vertex&, const Data&, const Accum& in) const { return 1 + attenuation * in; }
  bool changed(const Data& before, const Data& after) const { return std::abs(after - before) > tolerance; }
};

int main(int argc, char** argv) {
  gasket::Session session(argc, argv);
  try {
    const auto source = gasket::open_source(session.communicator(), {.path = argc > 1 ? argv[1] : "rmat:scale=10"});
    const auto graph = gasket::load_graph(session.communicator(), *source, {.need = gasket::adjacency_need<Katz>()});
    const auto result = gasket::run_sync(graph, Katz{});
    const auto top = gasket::top_values(graph, result.values, 5, std::greater<>(), [](double) { return true; });
    for (const auto& [id, value] : top)
      if (session.rank() == 0) std::cout << id << ' ' << value << '\n';
    if (argc > 2) gasket::write_values(graph, result.values, argv[2]);
  } catch (const gasket::Error& error) {
    if (session.rank() == 0 || !error.agreed()) std::cerr << error.what() << '\n';
    if (!error.agreed()) session.abort(error.code());
    return static_cast<int>(error.code());
  }
}

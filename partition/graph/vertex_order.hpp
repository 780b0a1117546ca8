#pragma once
// How the vertices of a rank are ordered.

namespace gasket {

enum class VertexOrder {
  automatic,  // the loader chooses by a sample
  input,      // masters ascend by global id
  degree,     // in groups of about equal degree, the highest first; ascending by global id inside a group
};

}  // namespace gasket

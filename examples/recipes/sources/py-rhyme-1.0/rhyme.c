#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

static PyObject *rhymes(PyObject *self, PyObject *arguments) {
  const char *a, *b;
  (void)self;
  if (!PyArg_ParseTuple(arguments, "ss", &a, &b)) return NULL;
  size_t m = strlen(a), n = strlen(b), same = 0;
  while (same < m && same < n && a[m - 1 - same] == b[n - 1 - same]) same++;
  return PyBool_FromLong(same >= 2);
}

static PyMethodDef methods[] = {
    {"rhymes", rhymes, METH_VARARGS, "Whether two words end alike."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "rhyme", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_rhyme(void) { return PyModule_Create(&definition); }
